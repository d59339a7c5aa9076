package io.limiter.client.spring.method;

import io.limiter.client.CheckRequest;
import io.limiter.client.spring.RateLimited;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.expression.BeanResolver;

/**
 * What is asked before one method: its annotation, read and checked. Immutable.
 *
 * @param method of the bean's own class, whose parameters have the names that were meant
 * @param question with the domain and, if it holds, for how long
 * @param attributes expressions by the names of attributes
 */
record LimitedMethod(
    Method method,
    CheckRequest question,
    Map<String, MethodExpression> attributes,
    MethodExpression cost,
    BeanResolver beans) {

  /**
   * Reads an annotation.
   *
   * @param domain which set of rules; empty if none is known
   * @throws IllegalStateException if something is wrong with it
   */
  static LimitedMethod of(
      Method method, RateLimited annotation, String domain, BeanResolver beans) {
    String where = "@RateLimited on " + MethodExpression.described(method);
    if (domain.isEmpty()) {
      throw new IllegalStateException(
          where + " has no domain; name one, or set the property limiter.client.domain");
    }
    Map<String, MethodExpression> attributes = new LinkedHashMap<>();
    for (String attribute : annotation.attributes()) {
      int equals = attribute.indexOf('=');
      String name = attribute.substring(0, Math.max(0, equals)).strip();
      if (name.isEmpty()) {
        throw new IllegalStateException(
            where
                + " has an attribute \"%s\" without a name; write name=expression, as user=#userId"
                    .formatted(attribute));
      }
      String what = "attribute \"" + name + "\"";
      MethodExpression expression =
          new MethodExpression(method, what, attribute.substring(equals + 1).strip());
      if (attributes.put(name, expression) != null) {
        throw new IllegalStateException(
            where + " has the %s twice; give each a name of its own".formatted(what));
      }
    }
    return new LimitedMethod(
        method,
        question(domain, annotation.hold(), where),
        attributes,
        new MethodExpression(method, "the cost", annotation.cost()),
        beans);
  }

  private static CheckRequest question(String domain, String hold, String where) {
    CheckRequest question = CheckRequest.in(domain);
    try {
      return hold.isEmpty() ? question : question.hold(DurationStyle.detectAndParse(hold));
    } catch (IllegalArgumentException notOne) {
      throw new IllegalStateException(
          where
              + " has the hold \"%s\", which is no positive duration; write it as 30s or 1m"
                  .formatted(hold),
          notOne);
    }
  }

  /**
   * What to ask before a call.
   *
   * @throws IllegalStateException if an expression fails on it
   */
  CheckRequest request(CallRoot call) {
    MethodBasedEvaluationContext context =
        new MethodBasedEvaluationContext(call, method, call.args(), MethodExpression.NAMES);
    context.setBeanResolver(beans);
    CheckRequest request = question.cost(cost.cost(context));
    Map<String, String> values = new LinkedHashMap<>();
    attributes.forEach((name, expression) -> values.put(name, expression.text(context)));
    return request.attributes(values);
  }
}
