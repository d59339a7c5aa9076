package io.limiter.server.grpc;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** What carries gRPC over a Unix socket: epoll on Linux, Java's own channels elsewhere. */
final class UnixTransport {
  private final EventLoopGroup acceptor;
  private final EventLoopGroup workers;

  private UnixTransport(EventLoopGroup acceptor, EventLoopGroup workers) {
    this.acceptor = acceptor;
    this.workers = workers;
  }

  /** One with threads of its own. */
  static UnixTransport create() {
    IoHandlerFactory handler =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new UnixTransport(
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("grpc-uds-accept", true), handler),
        new MultiThreadIoEventLoopGroup(0, new DefaultThreadFactory("grpc-uds", true), handler));
  }

  static SocketAddress address(UnixSocket socket) {
    return Epoll.isAvailable()
        ? new DomainSocketAddress(socket.path().toString())
        : UnixDomainSocketAddress.of(socket.path());
  }

  NettyServerBuilder carry(NettyServerBuilder server) {
    Class<? extends ServerChannel> channel =
        Epoll.isAvailable()
            ? EpollServerDomainSocketChannel.class
            : NioServerDomainSocketChannel.class;
    return server.channelType(channel).bossEventLoopGroup(acceptor).workerEventLoopGroup(workers);
  }

  /** Ends the threads. To be called when no connection is left. */
  void close() {
    var unused = acceptor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    var unusedToo = workers.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
