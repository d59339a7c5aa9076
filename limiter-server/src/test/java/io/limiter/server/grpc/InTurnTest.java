package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A connection passes on what it read in turns, by a clock that stands while nothing is passed. */
class InTurnTest {
  private static final int LENGTH = 300_000;

  private final byte[] sent = new byte[LENGTH];
  private final ByteArrayOutputStream passedOn = new ByteArrayOutputStream();
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private long nowNanos;
  private long nanosForEach;
  private int times;
  private final InTurn turns =
      new InTurn(channel.pipeline().firstContext(), this::take, () -> nowNanos);

  private void take(ByteBuf bytes, long sinceNanos) {
    byte[] piece = new byte[bytes.readableBytes()];
    bytes.readBytes(piece);
    bytes.release();
    passedOn.writeBytes(piece);
    times++;
    nowNanos += nanosForEach;
  }

  private ByteBuf read() {
    new Random(1).nextBytes(sent);
    ByteBuf all = Unpooled.copiedBuffer(sent);
    turns.read(all);
    turns.readComplete();
    return all;
  }

  @Test
  void whatTakesNoTime_isPassedOnAtOnce() {
    read();
    assertArrayEquals(sent, passedOn.toByteArray());
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void whatTakesLong_isPassedOnInTurns_inSmallerPieces_andNothingElseIsReadMeanwhile() {
    nanosForEach = 2_000_000;
    ByteBuf all = read();
    assertEquals(1, times);
    int turn = 1;
    while (passedOn.size() < LENGTH) {
      assertFalse(channel.config().isAutoRead());
      channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
      turn++;
      assertEquals(turn, times);
    }
    assertTrue(turn > LENGTH / 2_048, "turns " + turn);
    assertArrayEquals(sent, passedOn.toByteArray());
    assertTrue(channel.config().isAutoRead());
    assertEquals(0, all.refCnt());
  }

  /** Whoever has little to ask waits for a turn of each that has much, some times for an answer. */
  @Test
  void aTurn_endsAfterAQuarterOfAMillisecond() {
    nanosForEach = 100_000;
    for (int i = 0; i < 10; i++) {
      turns.read(Unpooled.copiedBuffer(new byte[16]));
    }
    turns.readComplete();
    assertEquals(3, times);
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertEquals(6, times);
  }

  @Test
  void inAPause_nothingIsPassedOn_andAClosedConnectionDropsWhatIsLeft() {
    turns.pause();
    assertFalse(channel.config().isAutoRead());
    nanosForEach = 2_000_000;
    ByteBuf all = read();
    assertEquals(0, times);
    turns.readOn();
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertEquals(1, times);
    turns.close();
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertEquals(1, times);
    assertEquals(0, all.refCnt());
  }
}
