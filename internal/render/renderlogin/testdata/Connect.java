import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;

// Connect reads JDBC URLs, one a line, in hexadecimal. For one of PostgreSQL it logs in and prints who it is where; for
// the others it prints what their drivers make of them. Everything is printed in hexadecimal, parts divided by commas.
class Connect {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      String url = new String(HexFormat.of().parseHex(line), StandardCharsets.UTF_8);
      if (url.startsWith("jdbc:redshift:")) {
        Properties p = com.amazon.redshift.Driver.parseURL(url, new com.amazon.redshift.util.RedshiftProperties());
        print(p.getProperty("user"), p.getProperty("password"), p.getProperty("dbname"));
      } else if (url.startsWith("jdbc:sqlserver:")) {
        Map<String, String> p = new HashMap<>();
        for (DriverPropertyInfo info : DriverManager.getDriver(url).getPropertyInfo(url, null)) p.put(info.name, info.value);
        print(p.get("user"), p.get("applicationName"), p.get("databaseName")); // it does not tell the password
      } else {
        try (Connection c = DriverManager.getConnection(url);
            ResultSet r = c.createStatement().executeQuery("select current_user, current_database()")) {
          r.next();
          print(r.getString(1), r.getString(2));
        }
      }
    }
  }

  static void print(String... parts) {
    List<String> hex = new ArrayList<>();
    for (String part : parts) hex.add(HexFormat.of().formatHex(part.getBytes(StandardCharsets.UTF_8)));
    System.out.println(String.join(",", hex));
  }
}
