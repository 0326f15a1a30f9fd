// What is missing.
declare module "*.svg" {
  export default "";
}
