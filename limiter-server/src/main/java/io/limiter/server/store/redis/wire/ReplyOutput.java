package io.limiter.server.store.redis.wire;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.limiter.script.Reply;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Collects a script's flat reply without boxing its numbers. */
public final class ReplyOutput extends CommandOutput<String, String, Reply> {
  public ReplyOutput() {
    super(StringCodec.UTF8, new Reply());
  }

  @Override
  public void set(long integer) {
    output.add(integer);
  }

  @Override
  public void set(@Nullable ByteBuffer bytes) {
    output.add(bytes == null ? "" : StringCodec.UTF8.decodeValue(bytes));
  }

  /** The reply is one flat array: its length says nothing that its elements do not. */
  @Override
  public void multi(int count) {}
}
