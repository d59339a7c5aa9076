package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisURI;
import java.time.Duration;

/**
 * How one Redis is reached.
 *
 * @param address where it is, for a person to read, without user and password
 * @param silence how long a command may go unanswered before the connection is given up; 1 ms or
 *     more
 * @param mostCommands the most that are ever under way; 1 or more
 */
public record ConnectionSettings(
    RedisURI uri, String address, Duration silence, int mostCommands) {}
