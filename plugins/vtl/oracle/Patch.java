import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Writes a `SimpleNode` whose `evaluate` asks {@link Truth}, into the folder that is its argument.
 *
 * <p>Stock Velocity 1.7 takes every literal in a condition for false; the real service takes it for true.
 */
public final class Patch {
    private static final String NODE = "org/apache/velocity/runtime/parser/node/SimpleNode";
    private static final String CONTEXT = "Lorg/apache/velocity/context/InternalContextAdapter;";

    private Patch() {}

    public static void main(String[] arguments) throws Exception {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        try (InputStream stock = Patch.class.getClassLoader().getResourceAsStream(NODE + ".class")) {
            new ClassReader(stock).accept(new Rewriter(writer), 0);
        }
        Path target = Paths.get(arguments[0], NODE + ".class");
        Files.createDirectories(target.getParent());
        Files.write(target, writer.toByteArray());
    }

    private static final class Rewriter extends ClassVisitor {
        Rewriter(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] thrown) {
            MethodVisitor method = super.visitMethod(access, name, type, signature, thrown);
            if (!name.equals("evaluate")) {
                return method;
            }
            method.visitCode();
            method.visitVarInsn(Opcodes.ALOAD, 0);
            method.visitVarInsn(Opcodes.ALOAD, 1);
            method.visitMethodInsn(Opcodes.INVOKESTATIC, "Truth", "of", "(L" + NODE + ";" + CONTEXT + ")Z", false);
            method.visitInsn(Opcodes.IRETURN);
            method.visitMaxs(0, 0);
            method.visitEnd();
            return null;
        }
    }
}
