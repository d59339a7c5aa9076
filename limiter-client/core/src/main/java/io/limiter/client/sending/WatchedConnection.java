package io.limiter.client.sending;

import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.LoadBalancer.Helper;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.ForwardingSubchannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which the instance's health is watched while it is up. Everything here happens in
 * the channel's synchronization context, but for what a watch hears.
 */
final class WatchedConnection extends ForwardingSubchannel {
  /** A proxy may end long calls, whatever they carry. */
  private static final long AGAIN_MILLIS = 1_000;

  private final Subchannel connection;
  private final Helper helper;
  private final Instances instances;
  private @Nullable Instance instance;
  private @Nullable HealthWatch watch;
  private @Nullable ScheduledHandle again;

  WatchedConnection(Subchannel connection, Helper helper, Instances instances) {
    this.connection = connection;
    this.helper = helper;
    this.instances = instances;
  }

  @Override
  protected Subchannel delegate() {
    return connection;
  }

  @Override
  public void start(SubchannelStateListener listener) {
    super.start(
        state -> {
          changed(state);
          listener.onSubchannelState(state);
        });
  }

  @Override
  public void shutdown() {
    over();
    instances.away(connection, false);
    super.shutdown();
  }

  private void changed(ConnectivityStateInfo state) {
    over();
    if (state.getState() == ConnectivityState.TRANSIENT_FAILURE) {
      instances.away(connection, true);
    }
    if (state.getState() == ConnectivityState.READY) {
      instances.away(connection, false);
      Instance up = instances.add(connection);
      instance = up;
      watch(up);
    }
  }

  private void over() {
    stopWatching();
    Instance instance = this.instance;
    this.instance = null;
    if (instance != null) {
      instances.remove(connection, instance);
    }
  }

  private void watch(Instance instance) {
    again = null;
    watch =
        HealthWatch.start(
            connection.asChannel(),
            serving -> instance.draining(!serving),
            status -> helper.getSynchronizationContext().execute(() -> ended(instance, status)));
  }

  /** What it said last holds until it says otherwise. */
  private void ended(Instance instance, Status status) {
    if (watch == null || this.instance != instance) {
      return;
    }
    watch = null;
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      return;
    }
    again =
        helper
            .getSynchronizationContext()
            .schedule(
                () -> watch(instance),
                AGAIN_MILLIS,
                TimeUnit.MILLISECONDS,
                helper.getScheduledExecutorService());
  }

  private void stopWatching() {
    HealthWatch watch = this.watch;
    this.watch = null;
    if (watch != null) {
      watch.stop();
    }
    ScheduledHandle again = this.again;
    this.again = null;
    if (again != null) {
      again.cancel();
    }
  }
}
