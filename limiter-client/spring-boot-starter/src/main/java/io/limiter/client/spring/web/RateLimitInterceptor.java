package io.limiter.client.spring.web;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.http.RateLimitHeaders;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Asks before a handler of Spring MVC is called, once for each request. A request that is denied
 * ends with a {@link DeniedException}, which {@link DeniedExceptionHandler} answers.
 *
 * <p>Thread-safe.
 */
public class RateLimitInterceptor implements HandlerInterceptor {
  private static final String ASKED = RateLimitInterceptor.class.getName() + ".asked";

  private final HttpLimit limit;
  private final RateLimitRequestResolver resolver;
  private final boolean headersOnAdmitted;

  /**
   * Limits what a resolver says.
   *
   * @param headersOnAdmitted whether responses to admitted requests carry {@link RateLimitHeaders}
   */
  public RateLimitInterceptor(
      HttpLimit limit, RateLimitRequestResolver resolver, boolean headersOnAdmitted) {
    this.limit = limit;
    this.resolver = resolver;
    this.headersOnAdmitted = headersOnAdmitted;
  }

  /** What is asked by properties. */
  public static RateLimitRequestResolver resolver(PathLimits limits) {
    return request -> limits.question(new ServletFacts(request));
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    DispatcherType type = request.getDispatcherType();
    if ((type != DispatcherType.REQUEST && type != DispatcherType.FORWARD)
        || request.getAttribute(ASKED) != null) {
      return true;
    }
    Optional<CheckRequest> question = resolver.resolve(request);
    if (question.isEmpty()) {
      return true;
    }
    request.setAttribute(ASKED, true);
    Decision decision = limit.ask(question.get());
    if (!decision.allowed()) {
      throw new DeniedException(decision);
    }
    if (headersOnAdmitted) {
      RateLimitHeaders.of(decision).forEach(response::setHeader);
    }
    return true;
  }
}
