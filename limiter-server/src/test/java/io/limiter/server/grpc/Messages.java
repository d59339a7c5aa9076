package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;

/** Messages as tests write and read them. */
final class Messages {
  private Messages() {}

  /** Of cost 1, in the domain that {@link Service} has its rules in. */
  static CheckAndConsumeRequest question(String user) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("edge")
        .putAttributes("user", user)
        .build();
  }

  /** What remains by the first rule of an admission. */
  static long remaining(CheckAndConsumeResponse reply) {
    assertTrue(reply.getAllowed(), reply::toString);
    return reply.getStatuses(0).getRemaining();
  }

  static Duration duration(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }
}
