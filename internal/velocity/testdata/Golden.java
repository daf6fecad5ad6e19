import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Writes velocity.tsv: what Apache Velocity 2.3, with hyphens allowed in
 * identifiers, makes of every line of templates.txt.
 *
 *   java -cp velocity-engine-core-2.3.jar:... Golden.java > velocity.tsv
 *
 * Columns: template, result. In both \n and \r stand for line ends. The result
 * !error says that Velocity threw an exception.
 */
public class Golden {
    public static class Message {
        public String getEncodedData() { return "MSH|^~\\&|A\rPID|1\r"; }
        public String getRawData() { return "raw"; }
        public Object getNothing() { return null; }
        public long getMessageId() { return 7L; }
        public String hello(String s, int n) { return s + n; }
        public Map<String, Object> getChannelMap() {
            Map<String, Object> m = new TreeMap<>();
            m.put("key", "v");
            return m;
        }
    }

    public static class Dates {
        public String get(String pattern) { return "<" + pattern + ">"; }
        public String toString() { return "dates"; }
    }

    static VelocityContext context() {
        VelocityContext c = new VelocityContext();
        c.put("s", "str");
        c.put("empty", "");
        c.put("n", 5);
        c.put("z", 0);
        c.put("L", 5L);
        c.put("d", 1.5);
        c.put("one", 1.0);
        c.put("big", 1e10);
        c.put("yes", true);
        c.put("no", false);
        c.put("a-b", "hyphen");
        c.put("d1", "SENT: ok");
        c.put("list", new ArrayList<>(Arrays.asList("a", "b", "c")));
        c.put("none", new ArrayList<>());
        c.put("arr", new String[] {"x", "y"});
        Map<String, Object> m = new TreeMap<>();
        m.put("key", "val");
        m.put("n", 3);
        m.put("nul", null);
        c.put("map", m);
        c.put("message", new Message());
        c.put("date", new Dates());
        return c;
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line : Files.readAllLines(Paths.get("templates.txt"))) {
            String result;
            try {
                VelocityEngine engine = new VelocityEngine();
                engine.setProperty("parser.allow_hyphen_in_identifiers", true);
                StringWriter w = new StringWriter();
                engine.evaluate(context(), w, "", line.replace("\\n", "\n").replace("\\r", "\r"));
                result = w.toString().replace("\n", "\\n").replace("\r", "\\r");
            } catch (Throwable e) {
                result = "!error";
            }
            out.println(line + "\t" + result);
        }
        out.flush();
    }
}
