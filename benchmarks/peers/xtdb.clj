;; XTDB 1 in process, in memory. Takes rows in as documents over their valid time, writes how many
;; members it finds, then for each number read asks so often and writes the milliseconds as JSON.
(require '[xtdb.api :as xt] '[clojure.data.json :as json] '[clojure.java.io :as io])

(let [[file coalition day] *command-line-args*
      date (fn [day] (java.util.Date. (* 86400000 (long day))))
      at (date (Long/parseLong day))
      node (xt/start-node {})
      put (fn [number row]
            [::xt/put (assoc row :xt/id (str (:coalition row) "/" (:member row)))
             (date (max -700000 (:from row))) (date (min 2900000 (:until row)))])
      ask (fn []
            (xt/q (xt/db node {::xt/valid-time at})
                  '{:find [(pull m [*])] :in [c] :where [[m :coalition c]]}
                  coalition))]
  (with-open [lines (io/reader file)]
    (doseq [rows (partition-all 1000 (map #(json/read-str % :key-fn keyword) (line-seq lines)))]
      (xt/submit-tx node (vec (map-indexed put rows)))))
  (xt/sync node)
  (println (count (ask)))
  (loop []
    (when-let [line (read-line)]
      (println (json/write-str
                (vec (for [_ (range (Long/parseLong line))]
                       (let [start (System/nanoTime)]
                         (count (ask))
                         (/ (- (System/nanoTime) start) 1e6))))))
      (recur)))
  (.close node)
  (shutdown-agents))
