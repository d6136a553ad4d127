package shop;

/** What a request needs of another service. */
interface Backend {
    void ask() throws Exception;
}
