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

  private final ResponseCallback<String> callback = of(0);

  private ResponseCallback<String> of(int caller) {
    return new ResponseCallback<>() {
      @Override
      public int caller() {
        return caller;
      }

      @Override
      public void onResponse(String response) {
        answers.add(response);
      }

      @Override
      public void onFailure(Status status) {
        failures.add(status);
      }
    };
  }

  @Test
  void moreThanMayBe_areRefused_untilOneEnds() {
    UnderWay resets = new UnderWay("resets", 2);
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

  @Test
  void whoeverFloodsIt_leavesItToOthers_andNothingIsKeptOfWhoHasGone() {
    UnderWay resets = new UnderWay("resets", 8);
    CompletableFuture<String> held = new CompletableFuture<>();
    for (int i = 0; i < 100; i++) {
      resets.complete(() -> held, of(1));
    }
    assertEquals(96, failures.size());
    resets.complete(() -> CompletableFuture.completedStage("other"), of(2));
    resets.complete(() -> CompletableFuture.completedStage("third"), of(3));
    assertEquals(List.of("other", "third"), answers);

    held.complete("held");
    assertEquals(0, resets.callers());
  }
}
