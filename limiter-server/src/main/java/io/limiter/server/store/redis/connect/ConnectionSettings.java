package io.limiter.server.store.redis.connect;

import io.limiter.server.store.endpoint.RedisEndpoint;
import java.time.Duration;

/**
 * How one Redis is reached.
 *
 * @param endpoint where it is, and how to get in; its files are read anew for each connection
 * @param silence how long a command may go unanswered before the connection is given up; 1 ms or
 *     more
 * @param mostCommands the most that are ever under way; 1 or more
 */
public record ConnectionSettings(RedisEndpoint endpoint, Duration silence, int mostCommands) {

  /** Where it is, for a person to read, without user and password. */
  String address() {
    return endpoint.address();
  }
}
