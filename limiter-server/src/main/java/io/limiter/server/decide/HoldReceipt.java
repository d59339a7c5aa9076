package io.limiter.server.decide;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.Role;
import io.limiter.server.estimate.Guess;
import io.limiter.server.key.LimitCode;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.rules.Tariff;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a question holds. It names the holds and the counters that they are of, so that whoever has
 * it can end them through any instance, whatever has become of the rules. The name is random:
 * nobody finds a hold without it.
 *
 * @param name of the holds; empty if none was taken
 * @param charged of what was charged for good, if that can be given back
 * @param holds what was taken, of distinct counters
 */
public record HoldReceipt(String name, @Nullable Receipt charged, List<Hold> holds) {
  /** The longest that is read. */
  public static final int MOST_BYTES = 1 << 16;

  /** What its first byte is; of a {@link Receipt} it is less than half of this. */
  private static final int MARK = 0xC1;

  public HoldReceipt {
    holds = List.copyOf(holds);
  }

  /**
   * One hold.
   *
   * @param rule which rule it was charged to
   * @param role what the rule was to the question
   * @param tariff what the rule charged for: of a list, the weights of this question
   * @param limit as it was then
   * @param key the counter's whole Redis key
   * @param mostMicros the longest that the rule lets it be held
   * @param number which of its counter's holds
   * @param expiresMicros when it expires unless it is renewed, in microseconds since the epoch
   * @param guess what it was taken for, if its settlement is learned from
   */
  public record Hold(
      String rule,
      Role role,
      Tariff tariff,
      Limit limit,
      String key,
      long mostMicros,
      long number,
      long expiresMicros,
      Guess guess) {

    Hold with(Guess other) {
      return new Hold(rule, role, tariff, limit, key, mostMicros, number, expiresMicros, other);
    }
  }

  /** Whether bytes are meant to be of this kind of receipt, not of a {@link Receipt}. */
  public static boolean isMeant(byte[] bytes) {
    return bytes.length > 0 && (bytes[0] & 0xFF) == MARK;
  }

  /** The receipt as callers see it. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(MARK);
      out.write((name.isEmpty() ? RecordKeys.NO_HOLD : name).getBytes(StandardCharsets.US_ASCII));
      byte[] inner = charged == null ? new byte[0] : charged.toBytes();
      out.writeByte(inner.length);
      out.write(inner);
      out.writeShort(holds.size());
      for (Hold hold : holds) {
        write(hold, out);
      }
      if (holds.stream().anyMatch(hold -> hold.guess.guessed() > 0)) {
        for (Hold hold : holds) {
          out.writeLong(hold.guess.guessed());
          out.writeLong(hold.guess.held());
        }
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void write(Hold hold, DataOutputStream out) throws IOException {
    out.writeUTF(hold.rule);
    out.writeUTF(hold.role.name());
    out.writeUTF(hold.tariff.unit());
    out.writeShort(hold.tariff.weights().size());
    for (Map.Entry<String, Long> weight : hold.tariff.weights().entrySet()) {
      out.writeUTF(weight.getKey());
      out.writeLong(weight.getValue());
    }
    LimitCode.write(hold.limit, out);
    out.writeUTF(hold.key);
    out.writeLong(hold.mostMicros);
    out.writeLong(hold.number);
    out.writeLong(hold.expiresMicros);
  }

  /**
   * Reads a receipt as {@link #toBytes} wrote it.
   *
   * @throws IllegalArgumentException if it did not
   */
  public static HoldReceipt of(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      in.readByte();
      String name =
          new String(in.readNBytes(RecordKeys.NO_HOLD.length()), StandardCharsets.US_ASCII);
      byte[] inner = in.readNBytes(in.readUnsignedByte());
      int count = in.readUnsignedShort();
      List<Hold> holds = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        holds.add(hold(in));
      }
      boolean guessed = in.available() > 0;
      for (int i = 0; guessed && i < count; i++) {
        holds.set(i, holds.get(i).with(new Guess(in.readLong(), in.readLong())));
      }
      if (in.available() > 0) {
        throw new IllegalArgumentException("more bytes than a receipt has");
      }
      return new HoldReceipt(name, inner.length == 0 ? null : Receipt.of(inner), holds);
    } catch (IOException | RuntimeException notOurs) {
      throw new IllegalArgumentException("no receipt is written so", notOurs);
    }
  }

  private static Hold hold(DataInputStream in) throws IOException {
    String rule = in.readUTF();
    Role role = Role.valueOf(in.readUTF());
    String unit = in.readUTF();
    Map<String, Long> weights = new LinkedHashMap<>();
    int count = in.readUnsignedShort();
    for (int i = 0; i < count; i++) {
      weights.put(in.readUTF(), in.readLong());
    }
    Limit limit = LimitCode.read(in);
    String key = in.readUTF();
    return new Hold(
        rule,
        role,
        new Tariff(unit, weights),
        limit,
        key,
        in.readLong(),
        in.readLong(),
        in.readLong(),
        Guess.NONE);
  }
}
