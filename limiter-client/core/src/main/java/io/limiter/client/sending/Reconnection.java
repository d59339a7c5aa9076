package io.limiter.client.sending;

import io.grpc.ManagedChannel;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tries every second to reach the instances that are away. gRPC itself waits longer and longer, up
 * to two minutes: in a rolling restart that would leave a client without an instance.
 */
public final class Reconnection {
  private static final long EVERY_MILLIS = 1_000;

  private Reconnection() {}

  /**
   * Begins to.
   *
   * @param timer ends it when it is shut down
   * @param instances of the channel
   */
  public static void start(
      ScheduledExecutorService timer, ManagedChannel channel, Instances instances) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              if (instances.anyIsAway()) {
                channel.resetConnectBackoff();
              }
            },
            EVERY_MILLIS,
            EVERY_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
