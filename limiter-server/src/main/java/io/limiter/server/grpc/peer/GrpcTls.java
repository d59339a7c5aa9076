package io.limiter.server.grpc.peer;

import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.limiter.server.certificate.CertificateWatch;
import io.limiter.server.certificate.PemIdentity;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.certificate.UnusablePemException;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;

/**
 * TLS of the gRPC port. Each connection keeps what it began with. New ones use what the files say,
 * once they have changed: it is a context of its own, so that nobody takes up a session again that
 * the old files allowed. Safe to use from any thread.
 */
public final class GrpcTls implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final RefusedHandshakes refused;
  private final CertificateWatch watch;
  private volatile InternalProtocolNegotiator.ProtocolNegotiator current;

  private GrpcTls(ServerTls files) throws UnusablePemException {
    refused = new RefusedHandshakes(files);
    watch =
        new CertificateWatch(
            files,
            loaded -> {
              current = negotiator(files, loaded);
              return CompletableFuture.completedFuture(null);
            });
    current = negotiator(files, files.read());
  }

  /**
   * Reads the files, and watches them until it is closed.
   *
   * @throws UnusablePemException when one cannot be used; the message says which and what to do
   */
  public static GrpcTls of(ServerTls files) throws UnusablePemException {
    GrpcTls tls = new GrpcTls(files);
    tls.watch.start();
    return tls;
  }

  private static InternalProtocolNegotiator.ProtocolNegotiator negotiator(
      ServerTls files, ServerTls.Loaded loaded) {
    PemIdentity identity = loaded.identity();
    SslContextBuilder context =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(
                    identity.key(), identity.chain().toArray(new X509Certificate[0])),
                SslProvider.JDK)
            .protocols(ServerTls.VERSIONS);
    loaded
        .clients()
        .ifPresent(
            trust ->
                context
                    .trustManager(trust)
                    .clientAuth(
                        files.withoutCertificate() ? ClientAuth.OPTIONAL : ClientAuth.REQUIRE));
    try {
      return InternalProtocolNegotiators.serverTls(context.build());
    } catch (SSLException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  @Override
  public AsciiString scheme() {
    return current.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
    return current.newHandler(http2);
  }

  /** A connection has just closed: tells the log if that was because of its handshake. */
  public void closed(Channel connection) {
    SslHandler handler = connection.pipeline().get(SslHandler.class);
    Throwable failure = handler == null ? null : handler.handshakeFuture().cause();
    if (failure != null) {
      refused.failed(connection.remoteAddress(), failure);
    }
  }

  /** Watches the files no more. */
  @Override
  public void close() {
    watch.close();
  }
}
