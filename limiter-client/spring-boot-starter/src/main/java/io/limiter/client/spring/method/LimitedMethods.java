package io.limiter.client.spring.method;

import io.limiter.client.spring.RateLimited;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.expression.BeanResolver;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Finds the annotations of methods, and reads each once. Thread-safe. */
final class LimitedMethods {
  private final UnaryOperator<String> domains;
  private final BeanResolver beans;
  private final Map<MethodClassKey, Optional<LimitedMethod>> read = new ConcurrentHashMap<>();

  /**
   * Reads annotations.
   *
   * @param domains the domain that is meant by what an annotation says; empty if none is known
   */
  LimitedMethods(UnaryOperator<String> domains, BeanResolver beans) {
    this.domains = domains;
    this.beans = beans;
  }

  /**
   * Whether a type has methods that are limited. Reads all of them.
   *
   * @throws IllegalStateException if something is wrong with the annotation of one of them
   */
  boolean in(Class<?> type) {
    Class<?> user = ClassUtils.getUserClass(type);
    if (!AnnotationUtils.isCandidateClass(user, RateLimited.class)) {
      return false;
    }
    return !MethodIntrospector.selectMethods(
            user, (Method method) -> checked(method, user).orElse(null))
        .isEmpty();
  }

  /** What to ask before a method is called, if it is limited. */
  Optional<LimitedMethod> find(Method method, Class<?> target) {
    Class<?> user = ClassUtils.getUserClass(target);
    MethodClassKey key = new MethodClassKey(method, user);
    Optional<LimitedMethod> known = read.get(key);
    if (known == null) {
      known = read(method, user);
      read.put(key, known);
    }
    return known;
  }

  private Optional<LimitedMethod> checked(Method method, Class<?> user) {
    Optional<LimitedMethod> limited = read(method, user);
    if (limited.isPresent()) {
      // Of the many methods without a limit nothing is kept.
      read.put(new MethodClassKey(method, user), limited);
      int modifiers = method.getModifiers();
      String obstacle =
          Modifier.isPrivate(modifiers)
              ? "private"
              : Modifier.isStatic(modifiers)
                  ? "static"
                  : Modifier.isFinal(modifiers) && !isOfInterface(method, user) ? "final" : "";
      if (!obstacle.isEmpty()) {
        throw new IllegalStateException(
            "@RateLimited on %s has no effect, since a proxy does not see %s methods; make it not %s"
                .formatted(MethodExpression.described(method), obstacle, obstacle));
      }
    }
    return limited;
  }

  /** A proxy of the interface sees it, whatever the class says. */
  private static boolean isOfInterface(Method method, Class<?> user) {
    return !ClassUtils.getInterfaceMethodIfPossible(method, user).equals(method);
  }

  private Optional<LimitedMethod> read(Method method, Class<?> user) {
    Method specific = AopUtils.getMostSpecificMethod(method, user);
    RateLimited annotation =
        AnnotatedElementUtils.findMergedAnnotation(specific, RateLimited.class);
    if (annotation == null && isLimitedWithItsType(specific)) {
      annotation =
          AnnotatedElementUtils.findMergedAnnotation(
              specific.getDeclaringClass(), RateLimited.class);
    }
    return Optional.ofNullable(annotation)
        .map(found -> LimitedMethod.of(specific, found, domains.apply(found.domain()), beans));
  }

  private static boolean isLimitedWithItsType(Method method) {
    int modifiers = method.getModifiers();
    return Modifier.isPublic(modifiers)
        && !Modifier.isStatic(modifiers)
        && !method.isSynthetic()
        && !ReflectionUtils.isObjectMethod(method);
  }
}
