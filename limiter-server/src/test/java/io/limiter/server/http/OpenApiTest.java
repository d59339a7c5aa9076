package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The document says of each message what the library writes and reads. */
class OpenApiTest {
  private static final JsonObject DOCUMENT =
      JsonParser.parseString(OpenApi.PAGE.body()).getAsJsonObject();

  static Stream<Message> messages() {
    return ApiCalls.ROUTES.values().stream()
        .flatMap(route -> Stream.of(route.request(), route.response()));
  }

  @Test
  void eachCall_isThere() {
    Set<String> served = new TreeSet<>(ApiCalls.ROUTES.keySet());
    served.add(GatewayCalls.PATH);
    assertEquals(served, DOCUMENT.getAsJsonObject("paths").keySet());
  }

  @Test
  void eachReference_leadsToASchema() {
    JsonObject schemas = DOCUMENT.getAsJsonObject("components").getAsJsonObject("schemas");
    Matcher references =
        Pattern.compile("\"#/components/schemas/([^\"]*)\"").matcher(OpenApi.PAGE.body());
    int found = 0;
    while (references.find()) {
      assertTrue(schemas.has(references.group(1)), references.group(1));
      found++;
    }
    assertTrue(found > schemas.size(), found + " references");
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageWithEachField_isAsTheDocumentSays(Message empty) throws Exception {
    Schema schema = schema(empty);
    assertEquals(List.of(), errors(schema, JsonFormat.printer().print(empty)));
    String full = JsonFormat.printer().print(filled(empty));
    assertEquals(List.of(), errors(schema, full), full);
  }

  /** Else the test above would hold whatever the document says. */
  @ParameterizedTest
  @MethodSource("messages")
  void anotherField_isNot(Message empty) {
    assertFalse(errors(schema(empty), "{\"noSuchField\":1}").isEmpty());
  }

  /** The schema of a message, with all that it refers to. */
  private static Schema schema(Message message) {
    JsonObject root = new JsonObject();
    String name = message.getDescriptorForType().getFullName();
    assertTrue(DOCUMENT.getAsJsonObject("components").getAsJsonObject("schemas").has(name), name);
    root.addProperty("$ref", "#/components/schemas/" + name);
    root.add("components", DOCUMENT.get("components"));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(root.toString(), InputFormat.JSON);
  }

  private static List<Error> errors(Schema schema, String json) {
    return schema.validate(json, InputFormat.JSON);
  }

  private static Message filled(Message empty) {
    Message.Builder builder = empty.newBuilderForType();
    if (builder instanceof Struct.Builder struct) {
      return struct.putFields("k", Value.newBuilder().setBoolValue(true).build()).build();
    }
    for (FieldDescriptor field : empty.getDescriptorForType().getFields()) {
      Object value = value(builder, field);
      if (field.isRepeated()) {
        builder.addRepeatedField(field, value);
      } else {
        builder.setField(field, value);
      }
    }
    return builder.build();
  }

  private static Object value(Message.Builder builder, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> filled(builder.newBuilderForField(field).getDefaultInstanceForType());
      case ENUM -> field.getEnumType().getValues().get(1);
      case BOOLEAN -> true;
      case STRING -> "text";
      case BYTE_STRING -> ByteString.copyFromUtf8("bytes");
      case FLOAT -> 1.5f;
      case DOUBLE -> 1.5;
      case INT -> 7;
      case LONG -> field.getType() == FieldDescriptor.Type.UINT64 ? -1L : 7L;
    };
  }
}
