package io.limiter.server.grpc.peer;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.limiter.server.certificate.CertificateNames;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import javax.net.ssl.SSLSession;

/** Who is at the other end of a call's connection. Safe to use from any thread. */
public final class Peer {
  private static final Attributes.Key<Integer> UID = Attributes.Key.create("limiter-peer-uid");

  private Peer() {}

  /**
   * The id of the user whose process opened the connection, as the system says it, 0 for root and
   * as an unsigned number beyond 2^31. Empty but for a Unix socket on Linux.
   */
  public static OptionalInt uid(ServerCall<?, ?> call) {
    Integer uid = call.getAttributes().get(UID);
    return uid == null ? OptionalInt.empty() : OptionalInt.of(uid);
  }

  /**
   * The names in the certificate that it showed, as {@link CertificateNames} has them. Empty if it
   * showed none.
   */
  public static List<String> names(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    return session == null ? List.of() : CertificateNames.of(session);
  }

  /**
   * What calls are to know of their connection, asked of the system once.
   *
   * @param transport what they know already
   */
  public static Attributes of(Channel connection, Attributes transport) {
    if (!(connection instanceof EpollDomainSocketChannel socket)) {
      return transport;
    }
    try {
      return transport.toBuilder().set(UID, socket.peerCredentials().uid()).build();
    } catch (IOException gone) {
      return transport;
    }
  }
}
