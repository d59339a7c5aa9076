package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.Code;
import com.google.rpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Only so many calls of a kind are under way. */
class UnderWayTest {
  private final List<String> answers = new ArrayList<>();
  private final List<Status> failures = new ArrayList<>();

  private final ResponseCallback<String> callback =
      new ResponseCallback<>() {
        @Override
        public void onResponse(String response) {
          answers.add(response);
        }

        @Override
        public void onFailure(Status status) {
          failures.add(status);
        }
      };

  @Test
  void moreThanMayBe_areRefused_untilOneEnds() {
    UnderWay resets = new UnderWay("resets", 1);
    CompletableFuture<String> first = new CompletableFuture<>();
    resets.complete(() -> first, callback);
    resets.complete(() -> CompletableFuture.completedStage("second"), callback);
    assertEquals(Code.RESOURCE_EXHAUSTED_VALUE, failures.get(0).getCode());
    assertEquals(1, failures.get(0).getDetailsCount());

    first.complete("first");
    resets.complete(
        () -> {
          throw new IllegalStateException("thrown");
        },
        callback);
    resets.complete(() -> CompletableFuture.completedStage("third"), callback);
    assertEquals(List.of("first", "third"), answers);
  }
}
