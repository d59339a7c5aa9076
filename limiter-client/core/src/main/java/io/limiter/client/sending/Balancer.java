package io.limiter.client.sending;

import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Status;
import io.grpc.util.ForwardingLoadBalancer;
import io.grpc.util.ForwardingLoadBalancerHelper;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to the instances in turn, by gRPC's own {@code round_robin}. It passes over those
 * that drain, and those that a question was sent to before.
 *
 * <p>gRPC's own health checking is not used. It fails all calls when the only connection drains,
 * although that instance still serves. But behind one address of a balancer the only connection is
 * the usual case, and the next one leads to another instance.
 */
public final class Balancer extends ForwardingLoadBalancer {
  public static final String POLICY = "limiter_round_robin";

  /**
   * With two instances and callers in between, the other one comes up within so many. A prime, so
   * that the next call does not begin with the same instance again.
   */
  private static final int MOST_PICKS = 61;

  private final LoadBalancer roundRobin;

  private Balancer(LoadBalancerProvider roundRobin, Helper helper) {
    this.roundRobin = roundRobin.newLoadBalancer(new WatchingHelper(helper));
  }

  /** Makes the policy known to gRPC by its name. */
  public static void register() {
    LoadBalancerRegistry registry = LoadBalancerRegistry.getDefaultRegistry();
    if (registry.getProvider(POLICY) == null) {
      registry.register(new Provider());
    }
  }

  @Override
  protected LoadBalancer delegate() {
    return roundRobin;
  }

  private static final class Provider extends LoadBalancerProvider {
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public int getPriority() {
      return 5;
    }

    @Override
    public String getPolicyName() {
      return POLICY;
    }

    @Override
    public LoadBalancer newLoadBalancer(Helper helper) {
      LoadBalancerProvider roundRobin =
          LoadBalancerRegistry.getDefaultRegistry().getProvider("round_robin");
      if (roundRobin == null) {
        throw new IllegalStateException(
            "gRPC has no round_robin; add io.grpc:grpc-util to the class path");
      }
      return new Balancer(roundRobin, helper);
    }
  }

  private static final class WatchingHelper extends ForwardingLoadBalancerHelper {
    private final Helper helper;
    private final Instances instances;

    WatchingHelper(Helper helper) {
      this.helper = helper;
      Instances known = helper.getNameResolverArgs().getArg(Instances.KEY);
      this.instances = known == null ? new Instances() : known;
    }

    @Override
    protected Helper delegate() {
      return helper;
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
      return new WatchedConnection(super.createSubchannel(args), helper, instances);
    }

    @Override
    public void updateBalancingState(ConnectivityState state, SubchannelPicker picker) {
      super.updateBalancingState(state, new Picker(picker, instances));
    }
  }

  private static final class Picker extends SubchannelPicker {
    private final SubchannelPicker inTurn;
    private final Instances instances;

    Picker(SubchannelPicker inTurn, Instances instances) {
      this.inTurn = inTurn;
      this.instances = instances;
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
      Tried.Try one = args.getCallOptions().getOption(Tried.KEY);
      PickResult pick = inTurn.pickSubchannel(args);
      if (one == null && (!instances.anyDrains() || instances.serving() == 0)) {
        return pick;
      }
      if (one != null) {
        one.unsent(pick.getSubchannel() == null);
      }
      Tried tried = one == null ? null : one.tried();
      PickResult best = pick;
      Instance chosen = null;
      Fitness fitness = null;
      for (int picks = 1; pick.getSubchannel() != null; picks++) {
        Instance instance = instances.find(pick.getSubchannel());
        if (instance == null) {
          return pick;
        }
        Fitness its = Fitness.of(instance, tried);
        if (fitness == null || its.compareTo(fitness) < 0) {
          best = pick;
          chosen = instance;
          fitness = its;
        }
        if (its == Fitness.SERVES || picks == MOST_PICKS) {
          break;
        }
        pick = inTurn.pickSubchannel(args);
      }
      if (one == null || tried == null || chosen == null) {
        return best;
      }
      if (one.onlyElsewhere() && tried.contains(chosen)) {
        return PickResult.withDrop(
            Status.UNAVAILABLE.withDescription("there is no other instance to ask"));
      }
      tried.add(chosen);
      return best;
    }
  }

  /** How well an instance suits a call, the best first. */
  private enum Fitness {
    SERVES,
    DRAINS,
    TRIED_BEFORE,
    TRIED_LAST;

    static Fitness of(Instance instance, @Nullable Tried tried) {
      Instance last = tried == null ? null : tried.last();
      if (tried == null || last == null || !tried.contains(instance)) {
        return instance.draining() ? DRAINS : SERVES;
      }
      return instance.isAtTheAddressOf(last) ? TRIED_LAST : TRIED_BEFORE;
    }
  }
}
