package io.limiter.server.faults;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import java.time.Duration;

/**
 * Who asks what, and how long they wait.
 *
 * @param patient whether they allow {@link #PATIENCE}, else {@link #HURRY}
 */
record Caller(Asks asks, boolean patient) {
  static final Duration HURRY = Duration.ofMillis(50);
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** So many are admitted in each turn, while Redis keeps what it acknowledged. */
  static final int LIMIT = 200;

  static final String RULES =
      """
      domain: faults
      rules:
        - { name: limit, key: [turn], algorithm: fixed-window, limit: 200, window: 366d }
        - { name: each, key: [id], algorithm: fixed-window, limit: 1000, window: 366d, on-redis-failure: open }
        - { name: closed, key: [closed], algorithm: fixed-window, limit: 1000000000, window: 366d, on-redis-failure: closed }
      """;

  enum Asks {
    /** Under a limit that is used up in each turn; local while Redis is away. */
    LIMIT,
    /** Counted one by one; open while Redis is away. */
    EACH,
    /** The same with an idempotency key, so that the client may ask again. */
    EACH_WITH_KEY,
    /** Closed while Redis is away. */
    CLOSED;

    /** Whether this is an answer that may be given, whatever becomes of Redis. */
    boolean isAnsweredBy(Decision decision) {
      return switch (decision.source()) {
        case REDIS, CLIENT -> true;
        case DENY_CACHE -> this == LIMIT && !decision.allowed();
        case LOCAL_FALLBACK -> this == LIMIT;
        case FAIL_OPEN -> decision.allowed() && (this == EACH || this == EACH_WITH_KEY);
        case FAIL_CLOSED -> !decision.allowed() && this == CLOSED;
        case LEASE, NO_RULE, UNKNOWN_DOMAIN, UNKNOWN -> false;
      };
    }
  }

  CheckRequest question(Turn turn, long id) {
    String each = turn.name + "-" + id;
    CheckRequest request = CheckRequest.in("faults");
    return switch (asks) {
      case LIMIT -> request.attribute("turn", turn.name);
      case EACH -> request.attribute("id", each);
      case EACH_WITH_KEY -> request.attribute("id", each).idempotencyKey(each);
      case CLOSED -> request.attribute("closed", turn.name);
    };
  }
}
