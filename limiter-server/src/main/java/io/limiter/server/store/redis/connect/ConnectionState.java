package io.limiter.server.store.redis.connect;

import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How it stands with the connection to Redis, for people: they ask for it or read the log. */
final class ConnectionState {
  private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);

  /** How long a refusal counts as the present state. */
  private static final Duration REFUSAL_TOLD = Duration.ofSeconds(10);

  /** Where Redis is, as far as it was found. */
  private volatile String address;

  /** Why there is no connection, while there is none. */
  private volatile StoreException trouble;

  /** What Redis refused last, and when. */
  private volatile @Nullable Refusal refusal;

  /** The kind of failure that the log was told of since there was a connection. */
  private @Nullable Kind logged;

  private record Refusal(StoreException failure, long nanos) {}

  ConnectionState(String address) {
    this.address = address;
    trouble = away("no attempt to connect has ended yet");
  }

  String address() {
    return address;
  }

  StoreException trouble() {
    return trouble;
  }

  /** An attempt to connect leads there. */
  void found(String place) {
    address = place;
  }

  synchronized void connected() {
    logged = null;
    log.info("Connected to Redis at {}", address);
  }

  /** Logs the first of a row of failures of one kind, since they come with every attempt. */
  synchronized void failed(StoreException why) {
    trouble = why;
    if (logged != why.kind()) {
      logged = why.kind();
      log.warn("{}; trying again", why.getMessage());
    }
  }

  /** Redis answers, and with a refusal. */
  void refused(StoreException failure) {
    refusal = new Refusal(failure, System.nanoTime());
  }

  /** There is no connection, for a reason that no answer of Redis tells. */
  StoreException away(String why) {
    return new StoreException(Kind.UNAVAILABLE, address + " is not connected: " + why, null);
  }

  String text(boolean connected) {
    if (!connected) {
      return String.valueOf(trouble.getMessage());
    }
    Refusal last = refusal;
    long age = last == null ? Long.MAX_VALUE : System.nanoTime() - last.nanos;
    return last == null || age > REFUSAL_TOLD.toNanos()
        ? address + " is connected"
        : address
            + " is connected, and refused %d s ago: %s"
                .formatted(age / 1_000_000_000, last.failure.getMessage());
  }
}
