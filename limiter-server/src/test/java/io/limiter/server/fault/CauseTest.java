package io.limiter.server.fault;

import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class CauseTest {
  @Test
  void whatStagesWrapped_isUnwrappedToTheLast() {
    IllegalStateException cause = new IllegalStateException(new RuntimeException("its own cause"));
    CompletionException empty = new CompletionException("without a cause", null);
    assertSame(cause, Cause.of(cause));
    assertSame(cause, Cause.of(new CompletionException(cause)));
    assertSame(cause, Cause.of(new CompletionException(new CompletionException(cause))));
    assertSame(empty, Cause.of(empty));
  }
}
