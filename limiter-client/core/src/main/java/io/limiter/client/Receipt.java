package io.limiter.client;

import com.google.protobuf.ByteString;
import java.util.HexFormat;

/**
 * What an admitted question was charged can be given back with it, once. Whoever holds it can do
 * so. It may be stored and used from another process.
 *
 * @param hex the receipt's bytes as lower-case hexadecimal digits, two for each; not empty
 */
public record Receipt(String hex) {
  private static final HexFormat HEX = HexFormat.of();

  public Receipt {
    if (hex.isEmpty() || !HEX.formatHex(HEX.parseHex(hex)).equals(hex)) {
      throw new IllegalArgumentException(
          "hex \"%s\" is not a receipt; pass the lower-case digits that came with the admission"
              .formatted(hex));
    }
  }

  static Receipt of(ByteString bytes) {
    return new Receipt(HEX.formatHex(bytes.toByteArray()));
  }

  ByteString bytes() {
    return ByteString.copyFrom(HEX.parseHex(hex));
  }
}
