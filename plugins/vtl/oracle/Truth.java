import org.apache.velocity.context.InternalContextAdapter;
import org.apache.velocity.runtime.parser.node.SimpleNode;

/** What a literal or a sum is worth as a condition: everything but null and false is true, as with references. */
public final class Truth {
    private Truth() {}

    public static boolean of(SimpleNode node, InternalContextAdapter context) {
        if (Oracle.STOCK) {
            return false;
        }
        Object value = node.value(context);
        return value instanceof Boolean ? (Boolean) value : value != null && value.toString() != null;
    }
}
