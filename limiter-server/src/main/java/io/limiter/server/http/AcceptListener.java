package io.limiter.server.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
import java.util.function.Consumer;

/**
 * A transport of Vert.x that tells of each connection as it is accepted. Vert.x itself tells of one
 * when it has said what it speaks, which it may never do.
 *
 * @param accepted called on the accepting thread, before anything is read; must not block
 */
record AcceptListener(Transport transport, Consumer<Channel> accepted) implements Transport {
  /** Of the system's own transport, or of Java's where there is none. */
  static AcceptListener ofThisSystem(Consumer<Channel> accepted) {
    Transport system = Transport.nativeTransport();
    return new AcceptListener(
        system != null && system.available() ? system : Transport.NIO, accepted);
  }

  @Override
  public String name() {
    return transport.name();
  }

  @Override
  public boolean available() {
    return transport.available();
  }

  @Override
  public Throwable unavailabilityCause() {
    return transport.unavailabilityCause();
  }

  @Override
  public io.vertx.core.spi.transport.Transport implementation() {
    return new Listening(transport.implementation(), accepted);
  }

  private static final class Accepted extends ChannelInboundHandlerAdapter {
    private final Consumer<Channel> told;

    Accepted(Consumer<Channel> told) {
      this.told = told;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
      if (read instanceof Channel channel) {
        told.accept(channel);
      }
      ctx.fireChannelRead(read);
    }
  }

  private record Listening(io.vertx.core.spi.transport.Transport in, Consumer<Channel> accepted)
      implements io.vertx.core.spi.transport.Transport {
    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      ChannelFactory<? extends ServerChannel> factory = in.serverChannelFactory(domainSocket);
      return () -> {
        ServerChannel channel = factory.newChannel();
        channel.pipeline().addLast(new Accepted(accepted));
        return channel;
      };
    }

    @Override
    public boolean supportsDomainSockets() {
      return in.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
      return in.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
      return in.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
      return in.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
      return in.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
      return in.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      return in.ioHandlerFactory();
    }

    @Override
    @SuppressWarnings("deprecation") // as the interface has it
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
      return in.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
      return in.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
      return in.channelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
      in.configure(channel, options);
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, Bootstrap bootstrap) {
      in.configure(config, domainSocket, bootstrap);
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
      in.configure(config, domainSocket, bootstrap);
    }
  }
}
