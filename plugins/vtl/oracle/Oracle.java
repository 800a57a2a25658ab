import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import net.minidev.json.JSONValue;
import net.minidev.json.parser.JSONParser;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.runtime.RuntimeConstants;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.util.introspection.Info;

/** Renders templates by Velocity 1.7 itself: one JSON object a line in, one line out. See README.md. */
public final class Oracle {
    /** Asks for Velocity 1.7 without what is patched in, to see where the patches make the difference. */
    static final boolean STOCK = System.getenv("ORACLE_STOCK") != null;

    private static final long TIME_LIMIT_MS = 5_000;
    private static final long STACK_BYTES = 2 << 20;
    private static final String ROUNDS = "1000";
    private static final int LONGEST_OUTPUT = 32 << 20;
    /** The real service runs `\\#set(…)` after printing the backslash; stock Velocity takes it for text. */
    private static final Pattern ESCAPED_SET =
            Pattern.compile("((?<!\\\\)(?:\\\\\\\\)*)\\\\(?=#(?:set|\\{set\\})[ \\t]*\\()");

    private Oracle() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        String line;
        while ((line = in.readLine()) != null) {
            if (line.trim().isEmpty()) {
                continue;
            }
            out.println(limited(line));
            out.flush();
        }
        System.exit(0);
    }

    /** One case in a thread of its own, so that neither its stack nor its time is without end. */
    @SuppressWarnings({"deprecation", "removal"})
    private static String limited(String line) throws InterruptedException {
        String[] answer = {answer("error", "it takes too long")};
        Thread thread = new Thread(null, () -> answer[0] = answered(line), "case", STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        thread.join(TIME_LIMIT_MS);
        if (thread.isAlive()) {
            thread.stop();
            return answer("error", "it takes too long");
        }
        return answer[0];
    }

    private static String answered(String line) {
        try {
            return answer("output", render(object(line)));
        } catch (Throwable thrown) {
            return answer("error", thrown.getClass().getName() + ": " + thrown.getMessage());
        }
    }

    static Map<String, Object> object(String json) throws Exception {
        JSONParser parser = new JSONParser(JSONParser.MODE_RFC4627);
        return map(parser.parse(json, JSONValue.defaultReader.DEFAULT_ORDERED));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return value == null ? new LinkedHashMap<>() : (Map<String, Object>) value;
    }

    private static String render(Map<String, Object> request) throws Exception {
        boolean aws = !"velocity".equals(request.get("profile"));
        VelocityContext variables = new VelocityContext();
        Host.define(variables, map(request.get("context")));
        if (aws) {
            EventCartridge events = new EventCartridge();
            events.addEventHandler(new Empty());
            events.attachToContext(variables);
        }
        StringWriter writer = new Bounded();
        String template = (String) request.get("template");
        if (aws && !STOCK) {
            variables.put("oracleBackslash", "\\");
            template = ESCAPED_SET.matcher(template).replaceAll("$1\\${oracleBackslash}");
        }
        // A runtime of its own for each case: macros stay with the runtime that has seen them.
        if (!runtime(aws).evaluate(variables, writer, "template", new StringReader(template))) {
            throw new IllegalStateException("the template was not rendered");
        }
        // Where the backslash stood in what is not parsed, such as #[[…]]#, it is put back here.
        return aws ? writer.toString().replace("${oracleBackslash}", "\\") : writer.toString();
    }

    private static RuntimeInstance runtime(boolean aws) {
        RuntimeInstance runtime = new RuntimeInstance();
        runtime.setProperty(
                RuntimeConstants.RUNTIME_LOG_LOGSYSTEM_CLASS, "org.apache.velocity.runtime.log.NullLogChute");
        runtime.setProperty(RuntimeConstants.PARSER_POOL_SIZE, "1");
        runtime.setProperty(RuntimeConstants.RESOURCE_LOADER, "string");
        runtime.setProperty(RuntimeConstants.MAX_NUMBER_LOOPS, ROUNDS);
        if (aws) {
            runtime.setProperty(RuntimeConstants.VM_PERM_ALLOW_INLINE, "false");
        }
        runtime.init();
        if (aws) {
            runtime.removeDirective("evaluate");
            runtime.removeDirective("parse");
            runtime.removeDirective("include");
        }
        return runtime;
    }

    private static String answer(String key, String value) {
        StringBuilder line = new StringBuilder("{\"").append(key).append("\": \"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"': line.append("\\\""); break;
                case '\\': line.append("\\\\"); break;
                case '\n': line.append("\\n"); break;
                case '\r': line.append("\\r"); break;
                case '\t': line.append("\\t"); break;
                default:
                    if (c < ' ' || c > '~') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
            }
        }
        return line.append("\"}").toString();
    }

    /** What does not exist is the empty string. */
    public static final class Empty implements InvalidReferenceEventHandler {
        @Override
        public Object invalidGetMethod(Context context, String reference, Object object, String property, Info info) {
            return "";
        }

        @Override
        public boolean invalidSetMethod(Context context, String left, String right, Info info) {
            return false;
        }

        @Override
        public Object invalidMethod(Context context, String reference, Object object, String method, Info info) {
            return "";
        }
    }

    private static final class Bounded extends StringWriter {
        @Override
        public void write(String text) {
            bounded(text.length());
            super.write(text);
        }

        @Override
        public void write(char[] text, int from, int length) {
            bounded(length);
            super.write(text, from, length);
        }

        private void bounded(int more) {
            if (getBuffer().length() + more > LONGEST_OUTPUT) {
                throw new IllegalStateException("its output grows too large");
            }
        }
    }
}
