package io.limiter.server.store.redis.wire;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/**
 * The arguments of EVALSHA and EVAL, written to the wire from the texts as they are: Lettuce's own
 * would be an object for each of the hundreds of texts of a batch.
 */
public final class ScriptArgs extends CommandArgs<String, String> {
  private final String script;
  private final List<String> keys;
  private final List<String> arguments;

  /**
   * The arguments of one call.
   *
   * @param script its SHA for EVALSHA, its source for EVAL
   */
  public ScriptArgs(String script, List<String> keys, List<String> arguments) {
    super(StringCodec.UTF8);
    this.script = script;
    this.keys = keys;
    this.arguments = arguments;
  }

  @Override
  public int count() {
    return 2 + keys.size() + arguments.size();
  }

  @Override
  public void encode(ByteBuf out) {
    write(script, out);
    write(Integer.toString(keys.size()), out);
    for (int i = 0; i < keys.size(); i++) {
      write(keys.get(i), out);
    }
    for (int i = 0; i < arguments.size(); i++) {
      write(arguments.get(i), out);
    }
  }

  /** As a bulk string of RESP: {@code $<bytes>\r\n<text>\r\n}. */
  private static void write(String text, ByteBuf out) {
    int bytes = ByteBufUtil.utf8Bytes(text);
    out.ensureWritable(bytes + 16);
    out.writeByte('$');
    writeNumber(bytes, out);
    out.writeShort(('\r' << 8) | '\n');
    ByteBufUtil.reserveAndWriteUtf8(out, text, bytes);
    out.writeShort(('\r' << 8) | '\n');
  }

  private static void writeNumber(int number, ByteBuf out) {
    if (number >= 10) {
      writeNumber(number / 10, out);
    }
    out.writeByte('0' + number % 10);
  }

  @Override
  public String toString() {
    return "%s with %d keys and %d arguments".formatted(script, keys.size(), arguments.size());
  }
}
