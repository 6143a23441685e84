"""Reads a table over JDBC with what Coffer delivered, and saves what Spark's pages show of it: spark_job.py DIRECTORY"""

import json
import os
import sys
import urllib.request

from pyspark.sql import SparkSession

out = sys.argv[1]
spark = SparkSession.builder.appName("orders").getOrCreate()
conf = spark.sparkContext.getConf()
rows = spark.read.jdbc(
    conf.get("spark.orders.dsn"), "orders", properties={"driver": "org.postgresql.Driver"}
).collect()
with open(os.path.join(os.environ["COFFER_FILES"], "db.properties"), encoding="utf-8") as properties:
    lines = len(properties.readlines())
with open(os.path.join(out, "result.json"), "w", encoding="utf-8") as result:
    json.dump(
        {
            "rows": sorted(row["item"] for row in rows),
            "user": conf.get("spark.orders.who"),
            "env": os.environ["PGPASSWORD"],
            "conf": conf.get("spark.orders.plain"),
            "lines": lines,
        },
        result,
    )
ui, app = spark.sparkContext.uiWebUrl, spark.sparkContext.applicationId
for name, page in {"environment.html": "/environment/", "environment.json": f"/api/v1/applications/{app}/environment"}.items():
    with urllib.request.urlopen(ui + page) as answer, open(os.path.join(out, name), "wb") as saved:
        saved.write(answer.read())
spark.stop()
