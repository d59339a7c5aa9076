package io.limiter.server.grpc;

/** What a request may hold. */
public record RequestLimits() {
  public static final RequestLimits DEFAULTS = new RequestLimits();
}
