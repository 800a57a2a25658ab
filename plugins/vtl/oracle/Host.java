import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.context.Context;

/** The variables that API Gateway gives a template. */
public final class Host {
    private static final Configuration JSON = Configuration.builder()
            .jsonProvider(new JsonSmartJsonProvider())
            .options(Option.SUPPRESS_EXCEPTIONS)
            .build();

    private Host() {}

    static void define(Context variables, Map<String, Object> request) {
        Object body = request.get("body");
        variables.put("input", new Input(body == null ? "" : (String) body, Oracle.map(request.get("params"))));
        variables.put("util", new Util());
        variables.put("context", new Overridable(Oracle.map(request.get("context"))));
        variables.put("stageVariables", Oracle.map(request.get("stageVariables")));
    }

    public static final class Input {
        private static final String[] KINDS = {"path", "querystring", "header"};
        private final String body;
        private final Map<String, Object> params = new LinkedHashMap<>();
        private DocumentContext document;

        Input(String body, Map<String, Object> params) {
            this.body = body.isEmpty() ? "{}" : body;
            for (String kind : KINDS) {
                this.params.put(kind, Oracle.map(params.get(kind)));
            }
        }

        public String getBody() {
            return body;
        }

        /** Maps and lists as JSON, a missing value as an empty string's JSON. */
        public String json(String path) {
            Object value = path(path);
            return JSONValue.toJSONString(value == null ? "" : value, JSONStyle.LT_COMPRESS);
        }

        public Object path(String path) {
            if (document == null) {
                document = JsonPath.using(JSON).parse(body);
            }
            return document.read(path);
        }

        public Map<String, Object> params() {
            return params;
        }

        public Object params(String name) {
            for (String kind : KINDS) {
                Object value = Oracle.map(params.get(kind)).get(name);
                if (value != null) {
                    return value;
                }
            }
            return null;
        }
    }

    public static final class Util {
        public String escapeJavaScript(String text) {
            return StringEscapeUtils.escapeJavaScript(text);
        }

        public Object parseJson(String json) {
            return JSON.jsonProvider().parse(json);
        }

        public String urlEncode(String text) throws Exception {
            return URLEncoder.encode(text, "UTF-8");
        }

        public String urlDecode(String text) throws Exception {
            return URLDecoder.decode(text, "UTF-8");
        }

        public String base64Encode(String text) {
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        public String base64Decode(String text) {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        }
    }

    /** `$context`: the overrides can be written to, and are not printed with it. */
    public static final class Overridable extends LinkedHashMap<String, Object> {
        private final Map<String, Object> hidden = new LinkedHashMap<>();

        Overridable(Map<String, Object> values) {
            super(values);
            Map<String, Object> request = new LinkedHashMap<>();
            for (String kind : new String[] {"header", "path", "querystring"}) {
                request.put(kind, new LinkedHashMap<String, Object>());
            }
            hidden.put("requestOverride", request);
            Map<String, Object> response = new LinkedHashMap<>();
            response.put("header", new LinkedHashMap<String, Object>());
            hidden.put("responseOverride", response);
        }

        @Override
        public Object get(Object key) {
            return containsKey(key) ? super.get(key) : hidden.get(key);
        }
    }
}
