export INSTILL_API_TOKEN=********
curl -X GET 'http://localhost:8080/v1beta/namespaces/NAMESPACE_ID/secrets/SECRET_ID' \
--header "Content-Type: application/json" \
--header "Authorization: Bearer $INSTILL_API_TOKEN"
