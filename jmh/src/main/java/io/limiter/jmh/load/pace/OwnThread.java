package io.limiter.jmh.load.pace;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A thread that serves the sockets of one connection. gRPC would deal its connections to as many
 * threads as there are processors. Then one thread may get two of them.
 */
public final class OwnThread implements AutoCloseable {
  private static final boolean EPOLL = Epoll.isAvailable();

  private final EventLoopGroup group;

  public OwnThread(int number) {
    group =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("load-connection-" + number, /* daemon= */ true),
            EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  public NettyChannelBuilder serve(NettyChannelBuilder channel) {
    return channel
        .eventLoopGroup(group)
        .channelType(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class);
  }

  /** Ends the thread; the channels must be shut down before. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
