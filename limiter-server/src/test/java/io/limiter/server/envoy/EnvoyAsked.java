package io.limiter.server.envoy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UInt64Value;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.CounterStore;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The service asked as Envoy asks it, over a real connection. */
final class EnvoyAsked implements AutoCloseable {
  private final GrpcServer server;
  private final ManagedChannel channel;
  private final RateLimitServiceGrpc.RateLimitServiceBlockingStub stub;

  private EnvoyAsked(GrpcServer server) {
    this.server = server;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    this.stub = RateLimitServiceGrpc.newBlockingStub(channel);
  }

  /** The same service, asked by its own protocol. */
  RateLimiterGrpc.RateLimiterBlockingStub limiter() {
    return RateLimiterGrpc.newBlockingStub(channel);
  }

  static EnvoyAsked of(CounterStore store, EnvoySettings settings, String... files)
      throws IOException {
    return of(store, settings, UnknownDomain.ALLOW, EnvoyListener.NONE, files);
  }

  static EnvoyAsked of(
      CounterStore store, EnvoySettings settings, UnknownDomain unknown, String... files)
      throws IOException {
    return of(store, settings, unknown, EnvoyListener.NONE, files);
  }

  static EnvoyAsked of(
      CounterStore store, EnvoySettings settings, EnvoyListener listener, String... files)
      throws IOException {
    return of(store, settings, UnknownDomain.ALLOW, listener, files);
  }

  static EnvoyAsked of(
      CounterStore store,
      EnvoySettings settings,
      UnknownDomain unknown,
      EnvoyListener listener,
      String... files)
      throws IOException {
    List<RuleFiles.Source> sources = new ArrayList<>();
    for (String file : files) {
      sources.add(new RuleFiles.Source("file-" + sources.size() + ".yaml", file));
    }
    LoadedRules loaded = RuleFiles.load(sources);
    if (!loaded.problems().isEmpty()) {
      throw new IllegalArgumentException(loaded.problems().toString());
    }
    Limiter limiter = new Limiter(loaded::table, store, DecisionListener.NONE, unknown);
    return new EnvoyAsked(
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, settings, listener)));
  }

  RateLimitResponse ask(RateLimitRequest request) {
    return stub.shouldRateLimit(request);
  }

  RateLimitResponse askCompressed(RateLimitRequest request) {
    return stub.withCompression("gzip").shouldRateLimit(request);
  }

  /** Asks by a message that no generated class writes. */
  RateLimitResponse askRaw(ByteString message) {
    MethodDescriptor<ByteString, RateLimitResponse> method =
        RateLimitServiceGrpc.getShouldRateLimitMethod().<ByteString, RateLimitResponse>toBuilder(
                new MethodDescriptor.Marshaller<ByteString>() {
                  @Override
                  public InputStream stream(ByteString bytes) {
                    return bytes.newInput();
                  }

                  @Override
                  public ByteString parse(InputStream in) {
                    throw new UnsupportedOperationException("only sends");
                  }
                },
                RateLimitServiceGrpc.getShouldRateLimitMethod().getResponseMarshaller())
            .build();
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, message);
  }

  /** Asks of descriptors written {@code a=1 b=2}, with {@code *3} behind them for their hits. */
  RateLimitResponse ask(String domain, String... descriptors) {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain(domain);
    for (String descriptor : descriptors) {
      request.addDescriptors(descriptor(descriptor));
    }
    return ask(request.build());
  }

  /** The overall code, then each status: its code, and what remains if there is a limit. */
  String said(String domain, String... descriptors) {
    return said(ask(domain, descriptors));
  }

  static String said(RateLimitResponse response) {
    StringBuilder said = new StringBuilder(response.getOverallCode().name()).append(':');
    for (RateLimitResponse.DescriptorStatus status : response.getStatusesList()) {
      said.append(' ').append(status.getCode());
      if (status.hasCurrentLimit()) {
        said.append('(').append(Integer.toUnsignedString(status.getLimitRemaining())).append(')');
      } else if (status.getLimitRemaining() != 0) {
        said.append('[').append(Integer.toUnsignedString(status.getLimitRemaining())).append(']');
      }
    }
    return said.toString();
  }

  static RateLimitDescriptor.Builder descriptor(String text) {
    RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
    for (String part : text.split(" ", -1)) {
      if (part.startsWith("*")) {
        long hits = Long.parseLong(part.substring(1));
        descriptor.setHitsAddend(UInt64Value.of(Math.abs(hits))).setIsNegativeHits(hits < 0);
      } else if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        descriptor.addEntries(
            RateLimitDescriptor.Entry.newBuilder()
                .setKey(part.substring(0, equals))
                .setValue(part.substring(equals + 1)));
      }
    }
    return descriptor;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdown(Duration.ofSeconds(1));
  }
}
