package io.limiter.server.grpc;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.limiter.server.decide.Limiter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The gRPC port. */
public final class GrpcServer {
  private final Server server;

  private GrpcServer(Server server) {
    this.server = server;
  }

  public static GrpcServer start(InetSocketAddress address, Limiter limiter, RequestLimits limits)
      throws IOException {
    try {
      return new GrpcServer(NettyServerBuilder.forAddress(address).build().start());
    } catch (IOException e) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: Address already in use; stop what listens there or use another port or address"
              .formatted(address.getHostString(), address.getPort()),
          e);
    }
  }

  public int port() {
    return server.getPort();
  }

  public void shutdown(Duration grace) {
    server.shutdownNow();
  }
}
