(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(method_definition name: (_) @name body: (_) @body) @definition.method
(lexical_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(variable_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(expression_statement (assignment_expression left: (_) @name right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function

; An export belongs to what it exports.
(export_statement declaration: (function_declaration name: (identifier) @name body: (_) @body)) @definition.function
(export_statement declaration: (class_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]))) @definition.function
(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class
(export_statement declaration: (abstract_class_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (interface_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (enum_declaration name: (_) @name body: (_) @body)) @definition.class

; Named, but not worth a chunk of their own.
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.name)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @definition.name)
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @definition.name)
(type_alias_declaration name: (_) @name) @definition.name
(function_signature name: (_) @name) @definition.name
(method_signature name: (_) @name) @definition.name
(abstract_method_signature name: (_) @name) @definition.name
(property_signature name: (_) @name) @definition.name
(public_field_definition name: (_) @name) @definition.name

(internal_module name: (_) @name body: (_) @body) @scope
(module name: (_) @name body: (_) @body) @scope

(ERROR) @container

(comment) @leading
