package io.limiter.client.servlet;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import io.limiter.client.http.HttpDenial;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.http.RateLimitHeaders;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Asks the rate-limit service before a request goes on.
 *
 * <pre>{@code
 * RateLimitFilter filter =
 *     RateLimitFilter.builder(limiter)
 *         .request(
 *             http -> Optional.of(CheckRequest.in("edge").attribute("ip", http.getRemoteAddr())))
 *         .build();
 * }</pre>
 *
 * <p>A request that is denied is answered by the {@link DenialResponse}: 429, or 503 if no answer
 * came and {@link io.limiter.client.OnUnreachable#CLOSED} is in force. A question that is wrong is
 * a {@link LimiterException}, which the server answers with 500: a mistake must not open the gate.
 *
 * <p>Each filter asks about a request once, when it arrives or is forwarded. Dispatches for errors,
 * includes and asynchronous results go on unasked.
 *
 * <p>A request waits on its thread for the answer, for the client's deadline at most; and for the
 * delay of a leaky bucket, for {@link Builder#longestDelay} at most.
 *
 * <p>Thread-safe.
 */
public final class RateLimitFilter implements Filter {
  private static final AtomicLong FILTERS = new AtomicLong();

  /** Of the request, once this very filter has asked. */
  private final String asked = RateLimitFilter.class.getName() + "." + FILTERS.incrementAndGet();

  private final HttpLimit limit;
  private final Function<HttpServletRequest, Optional<CheckRequest>> request;
  private final DenialResponse denialResponse;
  private final boolean headersOnAdmitted;

  private RateLimitFilter(
      Builder settings, Function<HttpServletRequest, Optional<CheckRequest>> request) {
    this.limit = new HttpLimit(settings.limiter, settings.longestDelay);
    this.request = request;
    this.denialResponse = settings.denialResponse;
    this.headersOnAdmitted = settings.headersOnAdmitted;
  }

  /** Starts to build a filter that asks with a client, which it does not close. */
  public static Builder builder(LimiterClient limiter) {
    return new Builder(limiter);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse reply
        && mayAsk(http)) {
      Optional<CheckRequest> question = this.request.apply(http);
      if (question.isPresent()) {
        // It stays: a later dispatch of the request must find it.
        http.setAttribute(asked, true);
        if (!admits(question.get(), http, reply)) {
          return;
        }
      }
    }
    chain.doFilter(request, response);
  }

  private boolean mayAsk(HttpServletRequest http) {
    DispatcherType type = http.getDispatcherType();
    return (type == DispatcherType.REQUEST || type == DispatcherType.FORWARD)
        && http.getAttribute(asked) == null;
  }

  private boolean admits(CheckRequest question, HttpServletRequest http, HttpServletResponse reply)
      throws IOException, ServletException {
    Decision decision = limit.ask(question);
    if (decision.allowed()) {
      if (headersOnAdmitted) {
        RateLimitHeaders.of(decision).forEach(reply::setHeader);
      }
      return true;
    }
    HttpDenial denial = HttpDenial.of(decision);
    denial.headers().forEach(reply::setHeader);
    reply.setStatus(denial.status());
    denialResponse.write(http, reply, denial);
    return false;
  }

  /** The settings of a {@link RateLimitFilter}. Not thread-safe. */
  public static final class Builder {
    private final LimiterClient limiter;
    private Optional<Function<HttpServletRequest, Optional<CheckRequest>>> request =
        Optional.empty();
    private DenialResponse denialResponse = DenialResponse.PROBLEM;
    private boolean headersOnAdmitted = true;
    private Duration longestDelay = HttpLimit.DEFAULT_LONGEST_DELAY;

    private Builder(LimiterClient limiter) {
      this.limiter = limiter;
    }

    /**
     * What to ask about a request. Required.
     *
     * @param request empty for a request that is not limited. Has to be thread-safe
     */
    public Builder request(Function<HttpServletRequest, Optional<CheckRequest>> request) {
      this.request = Optional.of(request);
      return this;
    }

    /** How to answer a request that is denied. By default {@link DenialResponse#PROBLEM}. */
    public Builder denialResponse(DenialResponse denialResponse) {
      this.denialResponse = denialResponse;
      return this;
    }

    /**
     * Whether responses to admitted requests carry {@link RateLimitHeaders} too. By default they
     * do. Those to denied requests always do.
     */
    public Builder headersOnAdmitted(boolean headersOnAdmitted) {
      this.headersOnAdmitted = headersOnAdmitted;
      return this;
    }

    /**
     * How long a leaky bucket may hold a request back. Who would have to wait longer is denied, and
     * the charge is given back if the question asked for a {@link CheckRequest#receipt() receipt}.
     *
     * @param longestDelay zero to one hour; by default one second
     * @throws IllegalArgumentException from {@link #build} for anything else
     */
    public Builder longestDelay(Duration longestDelay) {
      this.longestDelay = longestDelay;
      return this;
    }

    /**
     * The filter.
     *
     * @throws IllegalStateException without a {@link #request}
     */
    public RateLimitFilter build() {
      return new RateLimitFilter(
          this,
          request.orElseThrow(
              () ->
                  new IllegalStateException(
                      "the filter does not know what to ask; call request(http -> …)")));
    }
  }
}
