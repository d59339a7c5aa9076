package io.limiter.server.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the HTTP port serves, as OpenAPI 3.1 has it, made from the routes and their messages. So
 * there is nothing that it could miss.
 */
final class OpenApi {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** By which gateways ask, of those that OpenAPI knows. */
  private static final List<String> METHODS =
      List.of("get", "head", "post", "put", "patch", "delete", "options");

  /** The whole document. */
  static final Page PAGE = Page.json(GSON.toJson(new OpenApi().document()) + "\n");

  private static final String PROBLEM = "Problem";

  /** What is in these is written as if it stood alone. */
  private static final String WRAPPERS = "google/protobuf/wrappers.proto";

  private final Map<String, JsonObject> schemas = new TreeMap<>();

  private OpenApi() {}

  private JsonObject document() {
    JsonObject document = new JsonObject();
    document.addProperty("openapi", "3.1.0");
    document.add("info", object("title", "Limiter", "version", "v1"));
    JsonObject paths = new JsonObject();
    new TreeMap<>(ApiCalls.ROUTES).forEach((path, route) -> paths.add(path, path(path, route)));
    paths.add(GatewayCalls.PATH, authorize());
    document.add("paths", paths);
    schemas.put(PROBLEM, problem());
    JsonObject all = new JsonObject();
    schemas.forEach(all::add);
    JsonObject components = with("schemas", all);
    components.add("securitySchemes", schemes());
    document.add("components", components);
    document.add("security", anyScheme());
    return document;
  }

  /** How a caller shows who it is. A gateway's Authorization is that of whom it asks about. */
  private static JsonObject schemes() {
    JsonObject schemes = new JsonObject();
    schemes.add("bearer", object("type", "http", "scheme", "bearer"));
    schemes.add("token", object("type", "apiKey", "in", "header", "name", HttpCallers.TOKEN));
    schemes.add("certificate", object("type", "mutualTLS"));
    return schemes;
  }

  /** Or none, where anybody may ask. */
  private static JsonArray anyScheme() {
    JsonArray any = new JsonArray();
    any.add(new JsonObject());
    schemes().keySet().forEach(scheme -> any.add(with(scheme, new JsonArray())));
    return any;
  }

  private JsonObject path(String path, ApiCalls.Route<?, ?> route) {
    JsonObject post = object("operationId", path.substring(1).replace('/', '-'));
    JsonObject request = with("content", content("application/json", route.request()));
    request.addProperty("required", true);
    post.add("requestBody", request);
    JsonObject responses = new JsonObject();
    responses.add("200", response("A decision, also a denial", route));
    if (path.equals(ApiCalls.AS_ENVOYPROXY_RATELIMIT)) {
      responses.add("200", response("Within the limits", route));
      responses.add("429", response("Over a limit", route));
    }
    responses.add("400", problem("The request is wrong: each field of it is named"));
    responses.add("401", problem("Nothing valid shows who asks"));
    responses.add("403", problem("This caller may not do that"));
    responses.add("413", problem("The body is too long"));
    responses.add("415", problem("The body is not said to be JSON"));
    responses.add("500", problem("A defect of the service"));
    responses.add("503", problem("No decision: Redis or this instance cannot be asked"));
    post.add("responses", responses);
    return with("post", post);
  }

  /** Each method of HTTP asks the same. */
  private static JsonObject authorize() {
    JsonObject profile = object("name", "profile", "in", "path");
    profile.addProperty("required", true);
    profile.add("schema", object("type", "string", "pattern", "^[A-Za-z0-9._-]{1,64}$"));
    JsonArray parameters = new JsonArray();
    parameters.add(profile);
    JsonObject path = with("parameters", parameters);
    for (String method : METHODS) {
      JsonObject operation = object("operationId", "v1-authorize-" + method);
      JsonObject responses = new JsonObject();
      responses.add("200", object("description", "The request may go ahead"));
      responses.add("401", problem("Nothing valid shows which gateway asks"));
      responses.add("403", problem("This gateway may not ask by that profile"));
      responses.add("404", problem("There is no such profile"));
      responses.add("429", problem("Denied; the profile may choose other statuses"));
      responses.add("500", problem("A defect of the service"));
      responses.add("503", problem("No decision; the profile may choose another answer"));
      operation.add("responses", responses);
      path.add(method, operation);
    }
    return path;
  }

  private JsonObject response(String description, ApiCalls.Route<?, ?> route) {
    JsonObject response = object("description", description);
    response.add("content", content("application/json", route.response()));
    return response;
  }

  private JsonObject content(String type, Message message) {
    return with(type, with("schema", reference(message.getDescriptorForType())));
  }

  private static JsonObject problem(String description) {
    JsonObject response = object("description", description);
    response.add(
        "content",
        with(
            "application/problem+json",
            with("schema", object("$ref", "#/components/schemas/" + PROBLEM))));
    return response;
  }

  private static JsonObject problem() {
    JsonObject properties = new JsonObject();
    for (String text : new String[] {"type", "title", "detail", "code"}) {
      properties.add(text, object("type", "string"));
    }
    for (String text : new String[] {"rule", "kind", "retry-at"}) {
      properties.add(text, object("type", "string"));
    }
    JsonObject violated = object("type", "array");
    violated.add("items", object("type", "string"));
    properties.add("violated-policies", violated);
    properties.add("retry-after", object("type", "integer"));
    properties.add("status", object("type", "integer"));
    JsonObject error = object("type", "object");
    JsonObject fields = new JsonObject();
    fields.add("field", object("type", "string"));
    fields.add("detail", object("type", "string"));
    error.add("properties", fields);
    JsonObject errors = object("type", "array");
    errors.add("items", error);
    properties.add("errors", errors);
    JsonObject schema = object("type", "object");
    schema.add("properties", properties);
    return schema;
  }

  private JsonObject reference(Descriptor message) {
    if (!schemas.containsKey(message.getFullName())) {
      JsonObject schema = object("type", "object");
      schemas.put(message.getFullName(), schema);
      JsonObject properties = new JsonObject();
      message.getFields().forEach(field -> properties.add(field.getJsonName(), schema(field)));
      schema.add("properties", properties);
      schema.addProperty("additionalProperties", false);
    }
    return object("$ref", "#/components/schemas/" + message.getFullName());
  }

  private JsonObject schema(FieldDescriptor field) {
    if (field.isMapField()) {
      JsonObject map = object("type", "object");
      map.add("additionalProperties", one(field.getMessageType().findFieldByName("value")));
      return map;
    }
    if (field.isRepeated()) {
      JsonObject array = object("type", "array");
      array.add("items", one(field));
      return array;
    }
    return one(field);
  }

  /** As the mapping of Protocol Buffers 3 to JSON has it. */
  private JsonObject one(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> message(field.getMessageType());
      case ENUM -> enumeration(field);
      case BOOLEAN -> object("type", "boolean");
      case STRING -> object("type", "string");
      case BYTE_STRING -> object("type", "string", "contentEncoding", "base64");
      case FLOAT, DOUBLE -> object("type", "number");
      case INT, LONG -> number(field);
    };
  }

  private JsonObject message(Descriptor message) {
    return switch (message.getFullName()) {
      case "google.protobuf.Duration" ->
          object("type", "string", "pattern", "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$");
      case "google.protobuf.Struct" -> object("type", "object");
      default ->
          message.getFile().getName().equals(WRAPPERS)
              ? one(message.findFieldByName("value"))
              : reference(message);
    };
  }

  private static JsonObject enumeration(FieldDescriptor field) {
    JsonObject schema = object("type", "string");
    JsonArray values = new JsonArray();
    field.getEnumType().getValues().stream().map(EnumValueDescriptor::getName).forEach(values::add);
    schema.add("enum", values);
    return schema;
  }

  private static JsonObject number(FieldDescriptor field) {
    JsonObject schema = object("format", field.getType().name().toLowerCase(Locale.ROOT));
    if (field.getJavaType() == FieldDescriptor.JavaType.LONG) {
      JsonArray either = new JsonArray();
      either.add("string");
      either.add("integer");
      schema.add("type", either);
      schema.addProperty("pattern", isUnsigned(field) ? "^[0-9]{1,20}$" : "^-?[0-9]{1,19}$");
    } else {
      schema.addProperty("type", "integer");
    }
    if (isUnsigned(field)) {
      schema.addProperty("minimum", 0);
    }
    return schema;
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, UINT64, FIXED32, FIXED64 -> true;
      default -> false;
    };
  }

  private static JsonObject object(String... properties) {
    JsonObject object = new JsonObject();
    for (int i = 0; i < properties.length; i += 2) {
      object.addProperty(properties[i], properties[i + 1]);
    }
    return object;
  }

  private static JsonObject with(String name, JsonElement property) {
    JsonObject object = new JsonObject();
    object.add(name, property);
    return object;
  }
}
