import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.alias.*;

/** Prints a line for each alias that stands in a file of lines: what Hadoop has for it, in hex, and "null" for nothing. */
class Credentials {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration(false);
    conf.set("hadoop.security.credential.provider.path", args[0]);
    // Configuration falls back to its plain properties when a provider fails; this throws.
    List<String> aliases = CredentialProviderFactory.getProviders(conf).get(0).getAliases();
    System.out.println(aliases.size());
    for (String alias : Files.readAllLines(Path.of(args[1]))) {
      char[] password = conf.getPassword(alias);
      System.out.println(password == null ? "null"
          : HexFormat.of().formatHex(new String(password).getBytes(StandardCharsets.UTF_8)));
    }
  }
}
