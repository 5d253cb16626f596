(function_definition name: (identifier) @name body: (_) @body) @definition.function
(class_definition name: (identifier) @name body: (_) @body) @definition.class
(decorated_definition definition: (function_definition name: (identifier) @name body: (_) @body)) @definition.function
(decorated_definition definition: (class_definition name: (identifier) @name body: (_) @body)) @definition.class

(module (expression_statement (assignment left: (identifier) @name)) @definition.name)
(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @definition.name))

(comment) @leading

(call function: (identifier) @reference)
(call function: (attribute attribute: (identifier) @reference))
(decorator (identifier) @reference)
(decorator (attribute attribute: (identifier) @reference))
(class_definition superclasses: (argument_list (identifier) @reference))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @reference)))
(type (identifier) @reference)
(dotted_name (identifier) @reference)
(except_clause (identifier) @reference)

(string) @string
