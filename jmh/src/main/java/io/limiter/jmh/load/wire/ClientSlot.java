package io.limiter.jmh.load.wire;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.Source;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.pace.Tally;
import io.limiter.jmh.load.traffic.Traffic;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Asks by the library, as an application does. */
final class ClientSlot extends Slot {
  private final LimiterClient client;
  private final Traffic traffic;
  private final BiFunction<Integer, Boolean, CheckRequest> requests;

  /**
   * @param requests of a key, and whether it is one that is used up
   */
  ClientSlot(
      Tally tally,
      LimiterClient client,
      Traffic traffic,
      BiFunction<Integer, Boolean, CheckRequest> requests) {
    super(tally);
    this.client = client;
    this.traffic = traffic;
    this.requests = requests;
  }

  @Override
  public void send() {
    int key = traffic.next();
    var unused =
        client
            .checkAsync(requests.apply(key, traffic.denied()))
            .whenComplete(
                (decision, failure) -> {
                  judge(decision, failure);
                  answered();
                });
  }

  private void judge(@Nullable Decision decision, @Nullable Throwable failure) {
    if (decision instanceof Decision.Admitted admitted) {
      decided(true, admitted.source());
    } else if (decision instanceof Decision.Denied denied) {
      decided(false, denied.source());
    } else {
      score().failed(1, String.valueOf(failure == null ? decision : failure.getMessage()));
    }
  }

  private void decided(boolean allowed, Source source) {
    if (source == Source.REDIS || source == Source.DENY_CACHE || source == Source.LEASE) {
      score().decided(allowed);
    } else {
      score().failed(1, "answered by " + source);
    }
  }
}
