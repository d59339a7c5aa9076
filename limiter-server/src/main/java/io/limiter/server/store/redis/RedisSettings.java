package io.limiter.server.store.redis;

import io.lettuce.core.RedisURI;
import java.time.Duration;

/** Which Redis, and how long to wait for it. */
public record RedisSettings(RedisURI uri, Duration deadline) {
  public static RedisSettings of(String uri, Duration deadline) {
    return new RedisSettings(RedisURI.create(uri), deadline);
  }
}
