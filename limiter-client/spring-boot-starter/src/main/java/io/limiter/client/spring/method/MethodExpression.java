package io.limiter.client.spring.method;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** An expression on the parameters of one method. Immutable; parsed and checked once. */
final class MethodExpression {
  static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

  private static final SpelExpressionParser PARSER = new SpelExpressionParser();

  private final String where;
  private final SpelExpression expression;

  /**
   * Reads one.
   *
   * @param what it is for, in messages
   * @throws IllegalStateException if it cannot be read or names a variable that is not there; the
   *     message says what to write
   */
  MethodExpression(Method method, String what, String text) {
    where = "@RateLimited on %s: expression \"%s\" of %s ".formatted(described(method), text, what);
    try {
      expression = PARSER.parseRaw(text);
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      throw new IllegalStateException(
          where
              + "cannot be read: "
              + e.getMessage()
              + "; write it in the Spring Expression Language, a text as 'text'",
          e);
    }
    Set<String> known = new TreeSet<>(List.of("#root", "#this"));
    List<String> offered = new ArrayList<>();
    String @Nullable [] names = NAMES.getParameterNames(method);
    for (int i = 0; i < method.getParameterCount(); i++) {
      known.addAll(List.of("#p" + i, "#a" + i));
      offered.add(names == null ? "#p" + i : "#" + names[i]);
    }
    known.addAll(offered);
    offered.add("#root");
    checkVariables(expression.getAST(), known, offered, names == null);
  }

  private void checkVariables(
      SpelNode node, Set<String> known, List<String> offered, boolean unnamed) {
    if (node instanceof VariableReference && !known.contains(node.toStringAST())) {
      throw new IllegalStateException(
          where
              + "names %s, which is no parameter; use %s"
                  .formatted(node.toStringAST(), String.join(" or ", offered))
              + (unnamed ? ", or compile with -parameters so that names can be seen" : ""));
    }
    for (int i = 0; i < node.getChildCount(); i++) {
      checkVariables(node.getChild(i), known, offered, unnamed);
    }
  }

  /**
   * Its value as text.
   *
   * @throws IllegalStateException if it fails or is null
   */
  String text(EvaluationContext context) {
    return value(context).toString();
  }

  /**
   * Its value as a cost.
   *
   * @throws IllegalStateException if it fails or is no whole number of 0 or more
   */
  long cost(EvaluationContext context) {
    Object value = value(context);
    if (value instanceof Long || value instanceof Integer || value instanceof Short) {
      long cost = ((Number) value).longValue();
      if (cost >= 0) {
        return cost;
      }
    }
    throw new IllegalStateException(
        where + "is " + value + "; let it be a whole number of 0 or more");
  }

  private Object value(EvaluationContext context) {
    Object value;
    try {
      value = expression.getValue(context);
    } catch (EvaluationException | IllegalStateException e) {
      throw new IllegalStateException(
          where + "fails: " + e.getMessage() + "; correct it, or what it is called with", e);
    }
    if (value == null) {
      throw new IllegalStateException(
          where + "is null; say what to count such calls under, as in (…) ?: 'nobody'");
    }
    return value;
  }

  /** The method, as people write it. */
  static String described(Method method) {
    List<String> types = new ArrayList<>();
    for (Class<?> type : method.getParameterTypes()) {
      types.add(type.getSimpleName());
    }
    return "%s.%s(%s)"
        .formatted(
            method.getDeclaringClass().getSimpleName(), method.getName(), String.join(", ", types));
  }
}
