package io.limiter.server.program;

import io.limiter.server.access.Askers;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.fair.Caller;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The ports. Looks whether they can be had, before anything is started, and says which option is in
 * the way. Whoever takes a port just afterwards is found out when it is opened.
 */
final class Ports {
  private Ports() {}

  /**
   * Looks.
   *
   * @throws IOException when one cannot be had; the message says which, why and what to do
   */
  static void check(ServiceSettings.Listen listen) throws IOException {
    checkAddress(listen.address());
    boolean socket = listen.grpcSocket().isPresent();
    if (!socket && listen.grpcPort() == listen.httpPort() && listen.grpcPort() != 0) {
      throw new IOException(
          "--grpc-port and --http-port: both are %s; give each its own"
              .formatted(listen.grpcPort()));
    }
    if (!socket) {
      check("--grpc-port", "gRPC", listen.grpc());
    }
    check("--http-port", "HTTP", listen.http());
  }

  private static void checkAddress(InetAddress address) throws IOException {
    try (ServerSocket anyPort = new ServerSocket()) {
      anyPort.bind(new InetSocketAddress(address, 0), 1);
    } catch (IOException e) {
      throw new IOException(
          "--bind: %s is not an address of this host; use 127.0.0.1, 0.0.0.0 for all, or one of its own"
              .formatted(address.getHostAddress()),
          e);
    }
  }

  private static void check(String option, String what, InetSocketAddress place)
      throws IOException {
    if (place.getPort() == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(place, 1);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      throw new IOException(
          "%s: %s cannot listen on %s:%s: %s; %s"
              .formatted(
                  option,
                  what,
                  place.getAddress().getHostAddress(),
                  place.getPort(),
                  why,
                  why.contains("ermission")
                      ? "choose a port above 1023, or allow this user to take it"
                      : "stop what listens there, or choose another port with " + option),
          e);
    }
  }

  /** Opens the gRPC port. */
  static GrpcServer grpc(
      ServiceSettings.Listen listen,
      Optional<? extends Askers> access,
      RateLimiterApi api,
      EnvoyApi envoy)
      throws IOException {
    return listen.grpcSocket().isPresent()
        ? GrpcServer.start(listen.grpcSocket().get(), listen.connections(), access, api, envoy)
        : GrpcServer.start(
            listen.grpc(), listen.connections(), listen.grpcTls(), access, api, envoy);
  }

  /** Where the answer to what is being asked on this thread is to be completed, if it matters. */
  static @Nullable Executor currentEventLoop() {
    Executor grpc = GrpcServer.currentEventLoop();
    return grpc == null ? HttpServer.currentEventLoop() : grpc;
  }

  /** Who asks what is being asked on this thread. */
  static Caller currentCaller() {
    Caller grpc = GrpcServer.currentCaller();
    return grpc == Caller.NOBODY ? HttpServer.currentCaller() : grpc;
  }
}
