package io.limiter.client.sending;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a list of {@code HOST:PORT}s, each by DNS, to all of their addresses. gRPC itself
 * resolves one name. Each address keeps its own host's name, which its certificate is checked for.
 */
final class AddressList extends NameResolver {
  private static final String SCHEME = "limiter-addresses";

  /** While others of the list are there, gRPC does not ask again for one that is not. */
  private static final long AGAIN_SECONDS = 5;

  private final List<Part> parts;
  private final Args args;
  private @Nullable Listener2 listener;
  private boolean over;

  private AddressList(List<Part> parts, Args args) {
    this.parts = parts;
    this.args = args;
  }

  /** What gRPC is to be given as the target. */
  static String target(List<String> hostsAndPorts) {
    Provider.register();
    return uri(SCHEME, String.join(",", hostsAndPorts)).toString();
  }

  private static URI uri(String scheme, String name) {
    try {
      return new URI(scheme, "", "/" + name, null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public String getServiceAuthority() {
    return parts.get(0).name;
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    parts.forEach(part -> part.resolver.start(part.listener(this)));
  }

  @Override
  public void refresh() {
    parts.forEach(part -> part.resolver.refresh());
  }

  @Override
  public void shutdown() {
    over = true;
    parts.forEach(part -> part.resolver.shutdown());
  }

  /** Only in the synchronization context, as all that follows. */
  private Status resolved(Part part, StatusOr<List<EquivalentAddressGroup>> found) {
    part.found = found;
    Listener2 listener = this.listener;
    if (over || listener == null || parts.stream().anyMatch(each -> each.found == null)) {
      return Status.OK;
    }
    List<EquivalentAddressGroup> all = new ArrayList<>();
    Status missing = Status.OK;
    for (Part each : parts) {
      StatusOr<List<EquivalentAddressGroup>> its = each.found;
      if (its != null && its.hasValue()) {
        its.getValue().forEach(address -> all.add(each.named(address)));
      } else if (its != null) {
        missing = its.getStatus();
      }
    }
    if (all.isEmpty()) {
      listener.onError(missing);
      return Status.OK;
    }
    if (!found.hasValue()) {
      lookAgainFor(part);
    }
    return listener.onResult2(
        ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(all)).build());
  }

  private void lookAgainFor(Part part) {
    var unused =
        args.getSynchronizationContext()
            .schedule(
                () -> {
                  if (!over) {
                    part.resolver.refresh();
                  }
                },
                AGAIN_SECONDS,
                TimeUnit.SECONDS,
                args.getScheduledExecutorService());
  }

  /** One of the list. */
  private static final class Part {
    private final String name;
    private final NameResolver resolver;
    private @Nullable StatusOr<List<EquivalentAddressGroup>> found;

    Part(String name, NameResolver resolver) {
      this.name = name;
      this.resolver = resolver;
    }

    EquivalentAddressGroup named(EquivalentAddressGroup address) {
      Attributes attributes =
          address.getAttributes().toBuilder()
              .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, name)
              .build();
      return new EquivalentAddressGroup(address.getAddresses(), attributes);
    }

    Listener2 listener(AddressList list) {
      return new Listener2() {
        @Override
        public void onResult(ResolutionResult result) {
          list.args.getSynchronizationContext().execute(() -> onResult2(result));
        }

        @Override
        public Status onResult2(ResolutionResult result) {
          return list.resolved(Part.this, result.getAddressesOrError());
        }

        @Override
        public void onError(Status error) {
          list.args
              .getSynchronizationContext()
              .execute(() -> list.resolved(Part.this, StatusOr.fromStatus(error)));
        }
      };
    }
  }

  private static final class Provider extends NameResolverProvider {
    private static final Provider ONLY = new Provider();

    static {
      NameResolverRegistry.getDefaultRegistry().register(ONLY);
    }

    static void register() {
      // Loading this class has done it.
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }

    @Override
    public @Nullable NameResolver newNameResolver(URI target, Args args) {
      if (!SCHEME.equals(target.getScheme())) {
        return null;
      }
      NameResolver.Factory dns = NameResolverRegistry.getDefaultRegistry().asFactory();
      List<Part> parts = new ArrayList<>();
      for (String name : target.getPath().substring(1).split(",", -1)) {
        NameResolver resolver = dns.newNameResolver(uri("dns", name), args);
        if (resolver == null) {
          throw new IllegalStateException(
              "gRPC has no DNS resolver; add io.grpc:grpc-core to the class path");
        }
        parts.add(new Part(name, resolver));
      }
      return new AddressList(parts, args);
    }
  }
}
