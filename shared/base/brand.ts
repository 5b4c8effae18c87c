declare const brand: unique symbol;

/** A `Base` that only its own constructor function makes: `type OrderId = Brand<string, 'OrderId'>`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
