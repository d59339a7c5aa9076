package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.limiter.server.access.AccessException;
import io.limiter.server.api.Failures;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTest {
  @ParameterizedTest
  @CsvSource({"PT0S, 1", "PT0.000000001S, 1", "PT1S, 1", "PT1.000000001S, 2", "PT61.25S, 62"})
  void theWait_isToldInWholeSeconds_roundedUp(Duration wait, String seconds) {
    Page page =
        Problem.of(
            Failures.status(new AccessException(AccessException.Kind.TOO_MUCH, "too much", wait)));
    assertEquals(503, page.status());
    assertEquals(Map.of("Retry-After", seconds), page.headers());
  }

  @Test
  void whereNobodyKnowsWhen_nothingIsSaidOfIt() {
    Page page = Problem.of(Status.newBuilder().setCode(Code.UNAVAILABLE_VALUE).build());
    assertEquals(Map.of(), page.headers());
  }
}
